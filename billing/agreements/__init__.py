"""What was agreed with libraries about money, as dated data, and what a request costs by it, line by line."""
