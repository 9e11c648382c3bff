"""Where a graph's examples come from: a recipe, a data file, or what the author of the model gives."""
