"""What interlibrary loan costs and earns, by whom and for whom; who owes whom; what a filled request costs. All from
what was booked (billing.costs), so that it is what the books say."""
