output "bucket" {
  description = "Name of the replica's bucket."
  value       = module.bucket.name
}
