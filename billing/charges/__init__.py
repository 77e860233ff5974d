"""What patrons owe: charges, how they are paid, waived and stated, and when they keep somebody from asking."""
