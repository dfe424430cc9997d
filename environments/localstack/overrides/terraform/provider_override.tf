# No wildcard name resolution on a developer's machine: the bucket is in the path, not in the host name.
provider "aws" {
  s3_use_path_style = true
}

provider "aws" {
  alias             = "replica"
  s3_use_path_style = true
}
