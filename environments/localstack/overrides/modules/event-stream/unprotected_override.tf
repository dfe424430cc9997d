resource "aws_kinesis_stream" "this" {
  lifecycle {
    prevent_destroy = false
  }
}
