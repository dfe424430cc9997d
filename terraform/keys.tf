# One key a class of data, so that whoever can read one class cannot read the next.
module "keys" {
  source = "../modules/keys"

  prefix     = var.prefix
  account_id = var.account_id

  keys = merge({
    streams = {
      description = "Event streams: events in clear"
      roles = {
        encrypt = [local.role_arns.collector, local.role_arns.enricher]
        decrypt = concat([local.role_arns.enricher], local.role_arns.deliveries)
      }
    }
    lake = {
      description = "Lake: pseudonymized events; under the error prefix, which its readers are denied, events in clear"
      roles = {
        encrypt = local.role_arns.deliveries
        decrypt = concat(
          local.role_arns.deliveries, local.role_arns.replicas, distinct(flatten(values(local.lake_readers))), [var.access.break_glass_role_arn],
        )
      }
    }
    quarantine = {
      description = "Quarantine: records that could not be parsed, in clear"
      roles = {
        encrypt = local.role_arns.pseudonymizers
        decrypt = [var.access.break_glass_role_arn]
      }
    }
    secrets = {
      description = "Secret key of the pseudonyms"
      secrets     = true
      roles = {
        encrypt = [var.access.key_custodian_role_arn]
        # The custodian too: Secrets Manager decrypts to tell whether a value it stores is a new one.
        decrypt = concat([var.access.key_custodian_role_arn], local.role_arns.pseudonymizers)
      }
    }
    logs = {
      description = "Logs: counts and errors, no values"
      log_groups  = true
    }
    alarms = {
      description = "Alarms: names of metrics and objects"
      services    = ["cloudwatch.amazonaws.com", "s3.amazonaws.com"]
      roles       = {}
    }
    volumes = {
      description = "Volumes of the instances: programs, logs, and events in clear while Kinesis takes none"
      volumes     = true
      roles       = {}
    }
    services = {
      description = "Bundles, lease table and settings of the programs: no events"
    }
    }, {
    for name in local.pii : name => {
      description = "PII stream: original values beside what replaced them"
      roles       = { encrypt = [local.role_arns.enricher] }
    }
  })
}

module "replica_keys" {
  source    = "../modules/keys"
  for_each  = local.replicas
  providers = { aws = aws.replica }

  prefix     = var.prefix
  account_id = var.account_id
  keys = {
    lake-replica = {
      description = "Copy of the lake in another region: pseudonymized events"
      roles       = { encrypt = local.role_arns.replicas, decrypt = [var.access.break_glass_role_arn] }
    }
  }
}
