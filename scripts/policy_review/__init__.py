"""What privacy officers and reviewers ask of a policy: is it sound, what does it do, what does a change of it show."""
