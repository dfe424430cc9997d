output "name" {
  description = "Name of the bucket, once its policy, encryption, versioning and ownership are in force."
  value       = aws_s3_bucket.this.bucket
  depends_on = [
    aws_s3_bucket_ownership_controls.this,
    aws_s3_bucket_policy.this,
    aws_s3_bucket_server_side_encryption_configuration.this,
    aws_s3_bucket_versioning.this,
  ]
}

output "arn" {
  description = "ARN of the bucket, once its policy, encryption, versioning and ownership are in force."
  value       = local.arn
  depends_on = [
    aws_s3_bucket_ownership_controls.this,
    aws_s3_bucket_policy.this,
    aws_s3_bucket_server_side_encryption_configuration.this,
    aws_s3_bucket_versioning.this,
  ]
}

output "policy" {
  description = "The bucket policy in force, JSON."
  value       = data.aws_iam_policy_document.this.json
}
