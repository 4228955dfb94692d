// Package failover loses the Postgres and then the Redis that lead while people use a platform with two of each service:
// the standby is promoted, the Sentinels choose another Redis, and the people compare what was accepted with the tables.
package failover
