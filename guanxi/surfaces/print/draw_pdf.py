"""Draws one sheet as PDF in a process of its own: nothing is fetched, and the server stays small.

Run as ``python -m guanxi.surfaces.print.draw_pdf``; it knows no database, only the HTML it is given.
"""

from typing import Any

from weasyprint import HTML
from weasyprint.urls import URLFetcher

from guanxi.surfaces.print import alone


class Closed(URLFetcher):
    """Pictures are taken from the text itself; every other address stays empty."""

    def fetch(self, url: str, headers: Any = None) -> Any:
        if not url.startswith("data:"):
            raise ValueError("Nothing is fetched while a sheet is drawn.")
        return super().fetch(url, headers)


def pdf(request: dict[str, Any]) -> bytes:
    """HTML as PDF with its fonts embedded."""
    return bytes(HTML(string=request["html"], url_fetcher=Closed()).write_pdf())


if __name__ == "__main__":
    alone.serve(pdf)
