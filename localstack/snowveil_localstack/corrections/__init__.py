"""What moto and LocalStack leave out of single operations, found as drift between `terraform apply` and the next plan."""
