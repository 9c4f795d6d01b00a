"""What drives the model: the views of that page, and the attributions of everyone that they rest on."""
