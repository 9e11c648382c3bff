//go:build !linux

package process

import "time"

// Age returns how long this process has run, and 0 where the system does not tell.
func Age() time.Duration { return 0 }
