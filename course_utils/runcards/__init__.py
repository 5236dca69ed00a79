"""Run cards: what decides a painting, written into its file or a link, and read back to paint it again."""
