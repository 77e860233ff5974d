"""What interlibrary loan costs and earns; it begins with budgets."""
