provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name                 = "snowplow-lake"
  account_id           = "111111111111"
  kms_key_arn          = "arn:aws:kms:eu-west-1:111111111111:key/lake"
  access_log_bucket    = "logs"
  break_glass_role_arn = "arn:aws:iam::111111111111:role/break-glass"
  alarm_topic_arn      = "arn:aws:sns:eu-west-1:111111111111:alarms"
  readers              = { "output/" = ["arn:aws:iam::111111111111:role/analyst"] }
  delivery_role_arns   = ["arn:aws:iam::111111111111:role/a", "arn:aws:iam::111111111111:role/b"]
}

run "good" {
  command = plan

  assert {
    condition = one([for s in jsondecode(output.policy).Statement : s if s.Sid == "DenyErrorsToAllButBreakGlass"]) == {
      Sid       = "DenyErrorsToAllButBreakGlass"
      Effect    = "Deny"
      NotAction = ["s3:PutObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"]
      Principal = { AWS = "*" }
      Resource  = "arn:aws:s3:::snowplow-lake/firehose-errors/*"
      Condition = { ArnNotEquals = { "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/break-glass" } }
    }
    error_message = "Nobody but break glass reads, or does anything but write, under the error prefix."
  }

  assert {
    condition = toset(one([
      for s in jsondecode(output.policy).Statement : s if s.Sid == "DenyErrorWritesToAllButDeliveries"
    ]).Condition.ArnNotEquals["aws:PrincipalArn"]) == toset(var.delivery_role_arns)
    error_message = "Only the deliveries write under the error prefix."
  }

  assert {
    condition = {
      for s in jsondecode(output.policy).Statement : s.Sid => s if startswith(s.Sid, "DenyReads")
      } == {
      DenyReadsOfOutput = {
        Sid       = "DenyReadsOfOutput"
        Effect    = "Deny"
        Action    = ["s3:GetObjectVersion", "s3:GetObject"]
        Principal = { AWS = "*" }
        Resource  = "arn:aws:s3:::snowplow-lake/output/*"
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = ["arn:aws:iam::111111111111:role/analyst", "arn:aws:iam::111111111111:role/break-glass"]
          }
        }
      }
      DenyReadsOfEverythingElse = {
        Sid         = "DenyReadsOfEverythingElse"
        Effect      = "Deny"
        Action      = ["s3:GetObjectVersion", "s3:GetObject"]
        Principal   = { AWS = "*" }
        NotResource = ["arn:aws:s3:::snowplow-lake/output/*", "arn:aws:s3:::snowplow-lake"]
        Condition   = { ArnNotEquals = { "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/break-glass" } }
      }
    }
    error_message = "A prefix is read by its named readers, everything else by break glass only."
  }

  assert {
    condition = [for topic in aws_s3_bucket_notification.this.topic : [topic.topic_arn, topic.filter_prefix]] == [
      ["arn:aws:sns:eu-west-1:111111111111:alarms", "firehose-errors/"],
    ]
    error_message = "The first object under the error prefix is an alarm."
  }

  assert {
    condition     = alltrue([for s in jsondecode(output.policy).Statement : s.Effect == "Deny"])
    error_message = "The bucket policy allows nothing: readers are allowed by IAM."
  }
}

run "loaded" {
  command = plan
  variables {
    loader_queue_arns = {
      "output/"  = "arn:aws:sqs:eu-west-1:222222222222:sf-snowpipe-AIDA-output"
      "raw-bad/" = "arn:aws:sqs:eu-west-1:222222222222:sf-snowpipe-AIDA-bad"
    }
  }
  assert {
    condition = [
      for queue in aws_s3_bucket_notification.this.queue : [queue.id, queue.queue_arn, queue.filter_prefix, one(queue.events)]
      ] == [
      ["load-output", "arn:aws:sqs:eu-west-1:222222222222:sf-snowpipe-AIDA-output", "output/", "s3:ObjectCreated:*"],
      ["load-raw-bad", "arn:aws:sqs:eu-west-1:222222222222:sf-snowpipe-AIDA-bad", "raw-bad/", "s3:ObjectCreated:*"],
    ]
    error_message = "Each Snowpipe is notified of the objects of its prefix."
  }
  assert {
    condition     = [for topic in aws_s3_bucket_notification.this.topic : topic.filter_prefix] == ["firehose-errors/"]
    error_message = "The alarm stays beside the loaders."
  }
}

run "loader_arn_not_a_queue" {
  command = plan
  variables {
    loader_queue_arns = { "output/" = "arn:aws:sns:eu-west-1:222222222222:topic" }
  }
  expect_failures = [var.loader_queue_arns]
}

run "fifo_loader_queue" {
  command = plan
  variables {
    loader_queue_arns = { "output/" = "arn:aws:sqs:eu-west-1:222222222222:queue.fifo" }
  }
  expect_failures = [var.loader_queue_arns]
}

run "error_expiry_too_long" {
  command = plan
  variables {
    error_expiry_days = 365
  }
  expect_failures = [var.error_expiry_days]
}

run "error_expiry_too_short" {
  command = plan
  variables {
    error_expiry_days = 1
  }
  expect_failures = [var.error_expiry_days]
}

run "empty_error_prefix" {
  command = plan
  variables {
    error_prefix = "/"
  }
  expect_failures = [var.error_prefix]
}

run "no_delivery_role" {
  command = plan
  variables {
    delivery_role_arns = []
  }
  expect_failures = [var.delivery_role_arns]
}

run "reader_of_errors" {
  command = plan
  variables {
    readers = { "firehose-errors/" = ["arn:aws:iam::111111111111:role/analyst"] }
  }
  expect_failures = [var.readers]
}

run "reader_of_a_prefix_that_may_hold_errors" {
  command = plan
  variables {
    readers = { "" = ["arn:aws:iam::111111111111:role/analyst"] }
  }
  expect_failures = [var.readers]
}

run "wildcard_reader" {
  command = plan
  variables {
    readers = { "output/" = ["arn:aws:iam::111111111111:role/*"] }
  }
  expect_failures = [var.readers]
}

run "loader_of_the_error_prefix" {
  command = plan
  variables {
    loader_queue_arns = { "firehose-errors/output/" = "arn:aws:sqs:eu-west-1:222222222222:sf-snowpipe" }
  }
  expect_failures = [var.loader_queue_arns]
}

run "object_lock_longer_than_the_error_expiry" {
  command = plan
  variables {
    object_lock_days = 365
  }
  expect_failures = [var.object_lock_days]
}

run "readers_of_another_account" {
  command = plan
  variables {
    readers = { "output/" = ["arn:aws:iam::111111111111:role/analyst", "arn:aws:iam::222222222222:role/analyst"] }
  }

  assert {
    condition = {
      for s in jsondecode(output.policy).Statement : s.Sid => [
        s.Action, s.Resource, s.Principal.AWS, s.Condition.ArnEquals["aws:PrincipalArn"], try(s.Condition.StringLike["s3:prefix"], null),
      ] if s.Effect == "Allow"
      } == {
      OtherAccountsReadOutput = [
        ["s3:GetObjectVersion", "s3:GetObject"], "arn:aws:s3:::snowplow-lake/output/*", "arn:aws:iam::222222222222:root",
        "arn:aws:iam::222222222222:role/analyst", null,
      ]
      OtherAccountsListOutput = [
        "s3:ListBucket", "arn:aws:s3:::snowplow-lake", "arn:aws:iam::222222222222:root",
        "arn:aws:iam::222222222222:role/analyst", "output/*",
      ]
    }
    error_message = "The bucket lets in the named role of another account, to its prefix; roles of its own account need IAM only."
  }
}
