"""What a plan means for those who decide on it: findings by concern, rules, one comment. `review.review` is the way in."""
