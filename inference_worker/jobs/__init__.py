"""Long work in a worker process of its own: bring a model here, write a quantized copy. No job holds a model."""
