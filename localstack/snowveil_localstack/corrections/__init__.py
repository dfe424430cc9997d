"""What moto and LocalStack leave out of single operations, seen as drift after `terraform apply`."""
