"""What several rooms share: caches, values by keys, batches, and the AWS clients."""
