package transfer

import (
	"archive/tar"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"time"

	"epochtime/harness/protocol"
)

// Send writes the content of a parcel to w, in a form that Store.Receive reads. Where it
// cannot, or ctx is done, it says so to the receiver too. The errors are ErrChanged for a
// file that is not as it was described any more, ctx's, that of the file system, and that
// of w.
func Send(ctx context.Context, w io.Writer, p protocol.Parcel) error {
	if w == nil {
		return fmt.Errorf("sending %s: %w", p.Path, io.ErrClosedPipe)
	}
	ctx = cmp.Or(ctx, context.Background())
	out := chunks{w}
	err := send(ctx, out, p)
	last := uint32(end)
	if err != nil {
		last = aborted
	}
	return errors.Join(err, out.length(last))
}

func send(ctx context.Context, w io.Writer, p protocol.Parcel) error {
	files, err := list(p.Path)
	if err != nil {
		return err
	}
	size := int64(0)
	for _, f := range files {
		size += f.size
	}
	if size != p.Bytes {
		return fmt.Errorf("sending %s: %w", p.Path, ErrChanged)
	}
	archive := tar.NewWriter(w)
	for _, f := range files {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := pack(ctx, archive, path.Join(filepath.Base(p.Path), f.name), f); err != nil {
			return fmt.Errorf("sending %s: %w", f.path, err)
		}
	}
	return archive.Close()
}

// pack adds one file to an archive.
func pack(ctx context.Context, archive *tar.Writer, name string, f file) error {
	header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: f.size, Mode: 0o644, ModTime: time.Unix(0, f.modified), Format: tar.FormatPAX}
	if f.folder {
		header.Typeflag, header.Name, header.Mode = tar.TypeDir, name+"/", 0o755
		return archive.WriteHeader(header)
	}
	in, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer in.Close() // it was only read
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	n, err := io.Copy(archive, stoppable{ctx, io.LimitReader(in, f.size)})
	if err == nil && n < f.size {
		err = ErrChanged
	}
	return err
}

// stoppable reads until a context is done.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

func (s stoppable) Read(p []byte) (int, error) {
	if s.ctx.Err() != nil {
		return 0, context.Cause(s.ctx)
	}
	return s.r.Read(p)
}
