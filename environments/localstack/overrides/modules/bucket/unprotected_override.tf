resource "aws_s3_bucket" "this" {
  force_destroy = true

  lifecycle {
    prevent_destroy = false
  }
}
