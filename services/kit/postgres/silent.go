package postgres

import "log/slog"

// silent is for libraries that would otherwise write to standard output on their own.
func silent() *slog.Logger { return slog.New(slog.DiscardHandler) }
