"""What all lessons share: words, settings, training in a page, pictures, walks."""
