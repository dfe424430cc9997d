# A stream and a lake for a delivery of your own: keys by class of data, access logs, alarms by mail.
terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}

provider "aws" {
  region = "eu-west-1"
}

locals {
  account_id = "111111111111"
  delivery   = "arn:aws:iam::111111111111:role/our-delivery"
  analyst    = "arn:aws:iam::111111111111:role/our-analyst"
  on_call    = "arn:aws:iam::111111111111:role/our-on-call"
}

module "keys" {
  source = "git::https://gitlab.example.com/data/snowveil.git//modules/keys?ref=v0.1.0"

  prefix     = "ours"
  account_id = local.account_id
  keys = {
    streams = { description = "Events in clear", roles = { encrypt = [local.delivery], decrypt = [local.delivery] } }
    lake    = { description = "Delivered events", roles = { encrypt = [local.delivery], decrypt = [local.analyst, local.on_call] } }
    alarms  = { description = "Alarms", services = ["cloudwatch.amazonaws.com", "s3.amazonaws.com"], roles = {} }
  }
}

module "alarms" {
  source = "git::https://gitlab.example.com/data/snowveil.git//modules/alarms?ref=v0.1.0"

  name        = "ours-alarms"
  account_id  = local.account_id
  kms_key_arn = module.keys.arns["alarms"]
  emails      = ["on-call@example.com"]
}

module "stream" {
  source = "git::https://gitlab.example.com/data/snowveil.git//modules/event-stream?ref=v0.1.0"

  name            = "ours-events"
  account_id      = local.account_id
  kms_key_arn     = module.keys.arns["streams"]
  retention_hours = 168
  shard_count     = 2
  alarm_topic_arn = module.alarms.topic_arn
}

module "access_logs" {
  source = "git::https://gitlab.example.com/data/snowveil.git//modules/access-logs?ref=v0.1.0"

  name                 = "ours-access-logs-111111111111"
  account_id           = local.account_id
  bucket_names         = ["ours-lake-111111111111"]
  break_glass_role_arn = local.on_call
}

module "lake" {
  source = "git::https://gitlab.example.com/data/snowveil.git//modules/data-lake?ref=v0.1.0"

  name                 = "ours-lake-111111111111"
  account_id           = local.account_id
  kms_key_arn          = module.keys.arns["lake"]
  access_log_bucket    = module.access_logs.bucket
  readers              = { "events/" = [local.analyst] }
  break_glass_role_arn = local.on_call
  delivery_role_arns   = [local.delivery]
  alarm_topic_arn      = module.alarms.topic_arn
}
