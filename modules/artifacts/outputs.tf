output "bucket" {
  description = "Name of the bucket."
  value       = module.bucket.name
}

output "bundles" {
  description = "What an instance needs to fetch exactly one bundle, by program."
  value = {
    for program, object in aws_s3_object.bundle : program => {
      bucket     = object.bucket
      key        = object.key
      version_id = object.version_id
      sha256     = object.source_hash
    }
  }
}
