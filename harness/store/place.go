package store

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Default returns the file of the user's history: EPOCHTIME_DB, else history.db in
// the system's folder for a program's data (on Linux XDG_DATA_HOME/epochtime, else
// ~/.local/share/epochtime). "none" in EPOCHTIME_DB is returned as it is.
func Default() (string, error) {
	if path := os.Getenv("EPOCHTIME_DB"); path != "" {
		return path, nil
	}
	dir, err := dataDir(runtime.GOOS)
	if err != nil {
		return "", fmt.Errorf("finding a place for the history: %w: set EPOCHTIME_DB to a file, or to none", err)
	}
	return filepath.Join(dir, "epochtime", "history.db"), nil
}

// dataDir returns the folder for what programs keep of a user.
func dataDir(system string) (string, error) {
	switch system {
	case "windows":
		return os.UserCacheDir() // LocalAppData, for data too
	case "darwin":
		return os.UserConfigDir() // Application Support, for data too
	}
	// A relative one is to be ignored (XDG Base Directory Specification).
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "share"), err
}
