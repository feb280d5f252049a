"""What is true of words and numbers in any business: search, pinyin, phones, and values as people type them."""
