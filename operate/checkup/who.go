package checkup

import (
	"context"
	"fmt"
	"time"

	"github.com/devo-s3/collector/account"
)

// skew is how wrong a clock may be. AWS refuses signatures from 5 minutes on.
const skew = time.Minute

// Who says whose the credentials are, and whether the clock is right.
func Who(ctx context.Context, acct *account.Account) []Check {
	arn, ahead, err := acct.WhoAmI(ctx)
	if err != nil {
		return []Check{{
			Name: Credentials, Status: Wrong, Says: err.Error(),
			Mend: "log in to AWS in this shell; `aws sts get-caller-identity` must answer",
		}}
	}
	clock := Check{Name: Clock, Status: OK, Says: fmt.Sprintf("%s from AWS's", ahead.Abs().Round(time.Second))}
	if ahead.Abs() > skew {
		clock.Status, clock.Mend = Wrong, "set this machine's clock: sudo timedatectl set-ntp true"
	}
	return []Check{{Name: Credentials, Status: OK, Says: arn}, clock}
}

// failed is Failed, but nothing that the function is denied is only needed to
// look.
func (p *Path) failed(name, of string, err error, mend string) Check {
	if p.function {
		return Check{Name: name, Of: of, Status: Wrong, Says: err.Error(), Mend: mend}
	}
	return Failed(name, of, err, mend)
}

// Failed is a check that ended in an error: one for want of a permission is
// Unseen, if it is only needed to look.
func Failed(name, of string, err error, mend string) Check {
	c := Check{Name: name, Of: of, Status: Wrong, Says: err.Error(), Mend: mend}
	if account.IsDenied(err) {
		c.Status, c.Says = Unseen, "cannot see: "+c.Says
	}
	return c
}
