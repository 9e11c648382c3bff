package lockfile

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"time"
)

// Holder is who holds a lock, in its own words.
type Holder struct {
	PID     int       `json:"pid"`
	User    string    `json:"user"`    // empty: not known
	Command string    `json:"command"` // program and verb
	Since   time.Time `json:"since"`
}

func (h Holder) String() string {
	text := fmt.Sprintf("%s, pid %d", h.Command, h.PID)
	if h.User != "" {
		text += ", user " + h.User
	}
	return text + ", since " + h.Since.Local().Format(time.DateTime)
}

var (
	userPattern    = regexp.MustCompile(`^[\pL\pN._\\@-]{0,64}$`)
	commandPattern = regexp.MustCompile(`^[\pL\pN._-]{1,64}( [a-z]{1,20})?$`)
)

// valid reports whether a holder may be shown: anyone may have written it, also one
// who has ended since.
func (h Holder) valid() bool {
	return h.PID > 0 && alive(h.PID) && userPattern.MatchString(h.User) && commandPattern.MatchString(h.Command) &&
		h.Since.Year() > 2000 && h.Since.Year() < 10000
}

// self is this process.
func self() Holder {
	h := Holder{PID: os.Getpid(), Command: filepath.Base(os.Args[0]), Since: time.Now().UTC().Truncate(time.Second)}
	if len(os.Args) > 1 && commandPattern.MatchString(h.Command+" "+os.Args[1]) {
		h.Command += " " + os.Args[1]
	}
	if u, err := user.Current(); err == nil {
		h.User = u.Username
	}
	return h
}

// most is more bytes than a holder takes.
const most = 1024

// readHolder returns the holder that a file names, nil if it names none.
func readHolder(f io.ReaderAt) *Holder {
	text := make([]byte, most)
	n, _ := f.ReadAt(text, 0) // most files end before
	var h Holder
	if json.Unmarshal(text[:n], &h) != nil || !h.valid() {
		return nil
	}
	return &h
}

// writeHolder makes a file name this process. A file that cannot be written, such as
// on a full disk, names nobody.
func writeHolder(f *os.File) {
	text, err := json.Marshal(self())
	if err != nil || f.Truncate(0) != nil {
		return
	}
	_, _ = f.WriteAt(append(text, '\n'), 0)
}
