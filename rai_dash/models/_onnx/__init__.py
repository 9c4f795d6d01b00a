"""The review of ONNX graphs, and what feeds and reads them."""
