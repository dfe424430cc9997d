-- Every option is written down: Snowflake's defaults would read a backslash as an escape and \N as null, and JSON would
-- lose its quotes. A test holds each option.
create file format snowplow.enriched_tsv
    type = csv
    compression = gzip
    field_delimiter = '\t'
    record_delimiter = '\n'
    skip_header = 0
    field_optionally_enclosed_by = none
    escape = none
    escape_unenclosed_field = none
    null_if = ('')
    empty_field_as_null = true
    trim_space = false
    encoding = 'UTF8'
    replace_invalid_characters = false;

-- A line of JSON is read as one text and parsed in the pipe: JSON that cannot be parsed is then one counted row and
-- no failed object. No UTF-8 text holds the byte that stands as delimiter.
create file format snowplow.bad_event_lines
    type = csv
    compression = gzip
    field_delimiter = none
    record_delimiter = '\n'
    skip_header = 0
    field_optionally_enclosed_by = none
    escape = none
    escape_unenclosed_field = none
    null_if = ('')
    empty_field_as_null = true
    trim_space = false
    encoding = 'UTF8'
    replace_invalid_characters = false;

-- The role is Terraform's (modules/warehouse-access); the integration names three prefixes and can read no other.
create storage integration if not exists snowveil_lake
    type = external_stage
    storage_provider = 'S3'
    enabled = true
    storage_aws_role_arn = '{{ storage_role_arn }}'
    storage_allowed_locations = ('{{ lake_url }}/output/', '{{ lake_url }}/enriched-bad/', '{{ lake_url }}/raw-bad/');

create stage snowplow.gitlab_events_stage
    url = '{{ lake_url }}/output/'
    storage_integration = snowveil_lake;
create stage snowplow.gitlab_enriched_bad_stage
    url = '{{ lake_url }}/enriched-bad/'
    storage_integration = snowveil_lake;
create stage snowplow.gitlab_raw_bad_stage
    url = '{{ lake_url }}/raw-bad/'
    storage_integration = snowveil_lake;
