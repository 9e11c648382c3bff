package main

import "testing"

func TestRoom(t *testing.T) {
	for _, c := range []struct {
		available uint64
		known     bool
		want      int
	}{
		{0, false, 256 << 20},
		{64 << 30, true, 256 << 20},
		{512 << 20, true, 64 << 20},
		{0, true, 1}, // 0 would ask for the default
	} {
		if got := room(c.available, c.known); got != c.want {
			t.Errorf("room(%d, %v) = %d, want %d", c.available, c.known, got, c.want)
		}
	}
}
