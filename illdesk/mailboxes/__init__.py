"""Mail that comes in: mailboxes that the desk looks into, every message kept once as it came, then handed to whoever
its mailbox is for (registry.MAIL). What nobody handles waits for a person."""
