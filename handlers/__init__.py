"""How the office answers; knows no Telegram, no HTTP and no clock of its own."""
