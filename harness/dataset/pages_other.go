//go:build !linux

package dataset

func largePages([]byte) {}
