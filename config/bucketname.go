package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// newBucketName is what S3 accepts for a new general purpose bucket.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
var newBucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// checkBucketName reports what is wrong with a name of bucketName's shape. An
// existing bucket may have a name that S3 no longer accepts: until March 2018,
// us-east-1 allowed capitals, underscores and 255 characters. A bucket that the
// stack makes follows today's rules.
func checkBucketName(name string, made bool) error {
	if !bucketName.MatchString(name) {
		return nil // reported by its shape
	}
	switch {
	case strings.HasSuffix(name, "--x-s3"):
		return fmt.Errorf("%q is a directory bucket, which sends no notifications; write a general purpose bucket", name)
	case strings.HasSuffix(name, "-s3alias"), strings.HasSuffix(name, "--ol-s3"):
		return fmt.Errorf("%q is the alias of an access point, and notifications name the bucket behind it, which is what the role reads; "+
			"write that bucket's name, as aws s3control list-access-points --account-id ACCOUNT shows it (an object Lambda access point: its supporting access point's)", name)
	case strings.HasSuffix(name, ".mrap"), strings.HasSuffix(name, "--table-s3"):
		return fmt.Errorf("%q is no general purpose bucket; write the name that notifications have", name)
	case !made:
		return nil
	case !newBucketName.MatchString(name):
		return fmt.Errorf("%q is not allowed as the name of a new bucket; write 3 to 63 of a-z, 0-9, . and -", name)
	case strings.Contains(name, ".."):
		return fmt.Errorf("%q is not allowed as the name of a new bucket; write no two dots in a row", name)
	case isAddress(name):
		return fmt.Errorf("%q is not allowed as the name of a new bucket; write no IP address", name)
	case hasReservedPrefix(name):
		return fmt.Errorf("%q is not allowed as the name of a new bucket; begin it with none of %s", name, strings.Join(reservedPrefixes, ", "))
	case strings.HasSuffix(name, "-an"):
		return fmt.Errorf("%q ends as names in an account's own namespace do, which this stack does not make; write a name that does not end in -an, or create the bucket first and leave make out", name)
	}
	return nil
}

var reservedPrefixes = []string{"xn--", "sthree-", "amzn-s3-demo-"}

func hasReservedPrefix(name string) bool {
	return slices.ContainsFunc(reservedPrefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

func isAddress(name string) bool {
	_, err := netip.ParseAddr(name)
	return err == nil
}

// NotificationFilter is a key's beginning or end as a bucket's notification
// filter must have it: S3 compares it with the key as it stands in notifications,
// which is URL-encoded. A prefix with a plain = never matches.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
func NotificationFilter(end string) string {
	return strings.ReplaceAll(url.QueryEscape(end), "%2F", "/")
}
