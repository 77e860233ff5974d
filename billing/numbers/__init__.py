"""Numbers of documents, without gaps: an invoice, a credit note, a batch. Drawn in the transaction that stores the
document, so that one which is rolled back gives its number back."""
