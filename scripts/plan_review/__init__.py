"""What a plan means for those who decide on it: findings by concern, rules, one comment. Start at review.py."""
