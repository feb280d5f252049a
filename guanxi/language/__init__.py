"""What is true of words, numbers and trees in any business: search, pinyin, phones, values as people type them."""
