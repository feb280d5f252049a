"""How a second process of an import begins, and that it never outlives the first."""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from threading import Thread

import django


def pool() -> ProcessPoolExecutor:
    """One further process; it starts anew, so that it shares no connection with this one."""
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=begin)


def begin() -> None:
    """Load the models; go when the first process has gone, however it went."""
    Thread(target=_go_with_parent, daemon=True).start()
    django.setup()


def _go_with_parent() -> None:
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(0)
