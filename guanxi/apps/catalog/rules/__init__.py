"""The arithmetic of the catalog: prices with and without tax, which price holds, trees of categories."""
