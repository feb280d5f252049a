"""The arithmetic of the catalog: money of a currency, which price holds, trees of categories."""
