def write(book, c): pass
