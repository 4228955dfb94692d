package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"strings"

	"github.com/shema-music/shema/services/kit/postgres"
)

// adminURL is the file with the URL of a role that may create roles and schemas.
const adminURL = "admin-url"

func (p Program) migrate(ctx context.Context, _ []string, out io.Writer) error {
	url := p.common().DatabaseURL
	if url == "" {
		return errNoDatabase
	}

	ctx, cancel := context.WithTimeout(ctx, migrateTimeout)
	defer cancel()

	if err := postgres.Migrate(ctx, url, p.Schema, p.Migrations); err != nil {
		return err
	}

	_, _ = fmt.Fprintf(out, "schema %s is up to date\n", p.Schema)

	return nil
}

// prepareDatabase makes the database, and all roles with their passwords. Its argument is a folder with a URL in each
// file: admin-url, and one per role, named by its app id (role course_service, file course-service). Without admin-url
// it does nothing: the operator of the database has prepared it.
func (p Program) prepareDatabase(ctx context.Context, args []string, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("usage: prepare-database <folder with admin-url and a URL per role>")
	}

	folder, err := os.OpenRoot(args[0])
	if err != nil {
		return fmt.Errorf("open the folder with database URLs: %w", err)
	}

	defer func() { _ = folder.Close() }()

	admin, err := readURL(folder, adminURL)
	if errors.Is(err, fs.ErrNotExist) {
		_, _ = fmt.Fprintln(out, "no admin-url: the database is taken as it is")
		return nil
	}

	if err != nil {
		return err
	}

	passwords, err := readPasswords(folder)
	if err != nil {
		return err
	}

	ctx, cancel := context.WithTimeout(ctx, migrateTimeout)
	defer cancel()

	if err := postgres.Bootstrap(ctx, admin, passwords); err != nil {
		return err
	}

	_, _ = fmt.Fprintf(out, "database %s is prepared\n", postgres.DatabaseName)

	return nil
}

func readURL(folder *os.Root, name string) (string, error) {
	content, err := folder.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("read a database URL: %w", err)
	}

	return strings.TrimSpace(string(content)), nil
}

// readPasswords returns the passwords in the URLs of all roles, by role.
func readPasswords(folder *os.Root) (map[string]string, error) {
	passwords := map[string]string{}
	for _, owner := range postgres.Owners() {
		file := strings.ReplaceAll(owner.Role, "_", "-")

		text, err := readURL(folder, file)
		if owner.Role == postgres.Verifier && errors.Is(err, fs.ErrNotExist) {
			continue // secrets of before the verifier; without a password it can't sign in
		}

		if err != nil {
			return nil, err
		}

		parsed, err := url.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("%s holds no URL", file) // the error would show the password
		}

		password, ok := parsed.User.Password()
		if !ok || parsed.User.Username() != owner.Role {
			return nil, fmt.Errorf("%s holds no URL with the role %s and a password", file, owner.Role)
		}

		passwords[owner.Role] = password
	}

	return passwords, nil
}
