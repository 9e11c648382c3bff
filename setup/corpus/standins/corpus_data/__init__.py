"""Makes small stand-ins, from fixed seeds, of the data that public scripts download."""
