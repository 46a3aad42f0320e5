package salesforce

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"syscall"

	"countersign/backend/governance"
)

// answerFault is for a 200 that could not be read to its end. broken is the
// network's own error, if any.
func answerFault(ctx context.Context, r request, broken, err error) error {
	var write *writeError
	var fault *governance.Fault
	host := r.base.Hostname()
	switch {
	case errors.As(err, &write), errors.As(err, &fault):
		return err
	case ctx.Err() != nil:
		return networkFault(ctx, r, err)
	case isBadCompression(broken):
		return governance.Faultf(CodeBadAnswer, "The answer of %s cannot be understood: its compression is broken.", host).
			WithHint("Try again. If it happens again, look at the proxy on the way.").Because(err)
	case broken != nil, errors.Is(err, errCutOff):
		return governance.Faultf(CodeBadAnswer, "The answer of %s was cut off.", host).WithHint("Try again.").Because(err)
	case errors.Is(err, errTooLarge):
		return governance.Faultf(CodeBadAnswer, "The answer of %s is larger than allowed.", host).WithHint("%s", smallerHint).Because(err)
	}
	return governance.Faultf(CodeBadAnswer, "The answer of %s cannot be understood.", host).
		WithHint("%s", changedHint).Because(err)
}

const (
	changedHint = "Try again. If it happens again, something between this computer and the org changes its answers."
	smallerHint = "Ask for less at a time."
)

// isBadCompression tells an answer whose gzip is damaged from one that was cut
// off.
func isBadCompression(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.As(err, &corrupt)
}

// networkFault is for a request that got no answer.
func networkFault(ctx context.Context, r request, err error) error {
	host := r.base.Hostname()
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, errStalled):
		return unreachable("%s did not answer in time.", host).Because(errStalled)
	case errors.Is(cause, context.DeadlineExceeded):
		return unreachable("%s did not answer in time.", host).Because(cause)
	case ctx.Err() != nil:
		return fmt.Errorf("%s at %s: %w", r.op, host, ctx.Err())
	}
	if fault := tlsFault(host, err); fault != nil {
		return fault
	}
	return connectionFault(host, err)
}

func unreachable(format string, args ...any) *governance.Fault {
	return governance.Faultf(CodeOrgUnreachable, format, args...).WithHint("Check the network, the proxy and the address of the org.")
}

// Windows reports its own numbers (WSAECONNRESET, WSAECONNREFUSED), which the
// syscall package's portable names do not match there.
const (
	windowsReset   = syscall.Errno(10054)
	windowsRefused = syscall.Errno(10061)
)

func connectionFault(host string, err error) error {
	var dns *net.DNSError
	var op *net.OpError
	var timeout net.Error
	var strange textproto.ProtocolError
	switch {
	case errors.As(err, &dns):
		return unreachable("The host name %s cannot be found.", host).Because(err)
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return unreachable("The proxy on the way to %s does not answer.", host).Because(err)
	case isRefused(err):
		return unreachable("Nothing answers at %s.", host).Because(err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, windowsReset), errors.Is(err, syscall.EPIPE),
		errors.Is(err, net.ErrClosed): // net/http saw the reset while it was still writing
		return unreachable("%s closed the connection before it answered.", host).Because(err)
	case errors.As(err, &timeout) && timeout.Timeout():
		return unreachable("%s did not answer in time.", host).Because(err)
	case errors.As(err, &strange):
		return unreachable("%s answered with something that is not HTTP, or only a part of it.", host).Because(err)
	}
	return unreachable("%s cannot be reached.", host).Because(err)
}

func isRefused(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, windowsRefused)
}

func tlsFault(host string, err error) error {
	var verification *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var op *net.OpError
	switch {
	case errors.As(err, &verification), errors.As(err, &unknown), errors.As(err, &name), errors.As(err, &invalid):
		return governance.Faultf(CodeTLS, "The certificate of %s is not trusted.", host).
			WithHint("If a company proxy inspects traffic, its certificate must be trusted by the operating system.").Because(err)
	case errors.As(err, &record), errors.As(err, &alert), errors.Is(err, http.ErrSchemeMismatch),
		errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error"): // how crypto/tls words an alert
		return governance.Faultf(CodeTLS, "No encrypted connection to %s is possible.", host).
			WithHint("Check the address and the proxy.").Because(err)
	}
	return nil
}
