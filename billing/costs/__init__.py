"""What libraries really charge us, and we them, request by request, whatever the way it is paid: invoices, IFM, EFTS,
vouchers. Reports read it, and whoever gets a bill sees here whether it was charged before."""
