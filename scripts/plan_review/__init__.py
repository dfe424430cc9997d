"""What a plan means for those who decide on it: findings by concern, rules, one comment; imports scripts.policy_review.

Start at review.py.
"""
