"""IFLA vouchers: in stock by kind and by who holds them, received for lending, spent for borrowing, counted."""
