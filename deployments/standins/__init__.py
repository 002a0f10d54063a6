"""Stand-ins for the partners' systems: real HTTP and SMTP servers with an invented world in memory."""
