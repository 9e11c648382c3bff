//go:build !unix

package process

// CatchFileLimit does nothing: there is no such limit here.
func CatchFileLimit() {}
