package salesforce

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
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
	case broken != nil, errors.Is(err, errCutOff):
		return governance.Faultf(CodeBadAnswer, "The answer of %s was cut off.", host).WithHint("Try again.").Because(err)
	case errors.Is(err, errTooLarge):
		return governance.Faultf(CodeBadAnswer, "The answer of %s is larger than allowed.", host).Because(err)
	}
	return governance.Faultf(CodeBadAnswer, "The answer of %s cannot be understood.", host).Because(err)
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
	switch {
	case errors.As(err, &dns):
		return unreachable("The host name %s cannot be found.", host).Because(err)
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return unreachable("The proxy on the way to %s does not answer.", host).Because(err)
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, windowsRefused):
		return unreachable("Nothing answers at %s.", host).Because(err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, windowsReset), errors.Is(err, syscall.EPIPE):
		return unreachable("%s closed the connection before it answered.", host).Because(err)
	case errors.As(err, &timeout) && timeout.Timeout():
		return unreachable("%s did not answer in time.", host).Because(err)
	}
	return unreachable("%s cannot be reached.", host).Because(err)
}

func tlsFault(host string, err error) error {
	var verification *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &verification), errors.As(err, &unknown), errors.As(err, &name), errors.As(err, &invalid):
		return governance.Faultf(CodeTLS, "The certificate of %s is not trusted.", host).
			WithHint("If a company proxy inspects traffic, its certificate must be trusted by the operating system.").Because(err)
	case errors.As(err, &record), errors.As(err, &alert), errors.Is(err, http.ErrSchemeMismatch):
		return governance.Faultf(CodeTLS, "No encrypted connection to %s is possible.", host).
			WithHint("Check the address and the proxy.").Because(err)
	}
	return nil
}
