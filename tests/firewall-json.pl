#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# firewall-json.pl FOLDER: compares what tests/firewall-cases has left there: CASE.ours.json is the same table as
# CASE.nft.json, which nft has made of the golden file, and so is N.from-A-to-CASE.json; a line for each, "ok" or "not ok".
# Handles, counters and the order of elements make no difference; after a change of policy nor does what the former one shared with all.
use strict;
use warnings;
use JSON::PP;

my $json = JSON::PP->new->canonical;

# Values without what is of no account.
sub plain
{
	my ($value) = @_;

	return [map { plain($_) } @$value] if ref $value eq 'ARRAY';
	return $value if ref $value ne 'HASH';
	my %copy = map { $_ => plain($value->{$_}) } grep { $_ ne 'handle' } keys %$value;
	delete @{$copy{counter}}{qw(packets bytes)} if ref $copy{counter} eq 'HASH';
	$copy{elem} = [sort { $json->encode([$a]) cmp $json->encode([$b]) } @{$copy{elem}}] if ref $copy{elem} eq 'ARRAY';
	return \%copy;
}

# objects FILE: name -> text of it; rules are counted within their chain
sub objects
{
	my ($file) = @_;
	my (%objects, %rules);

	open my $in, '<', $file or die "$file: $!\n";
	for my $object (@{$json->decode(join '', <$in>)->{nftables}}) {
		my ($kind) = keys %$object;
		next if $kind eq 'metainfo';
		my $value = plain($object->{$kind});
		my $name = $kind eq 'rule' ? "$value->{chain} " . $rules{$value->{chain}}++ : $value->{name};
		$objects{"$kind $name"} = $value;
	}
	return \%objects;
}

# What another policy has left of what all ports share: zones, sets for answers. And of its own chains their comments, with the
# former guest's name: the kernel takes none for a chain that is there, and from nft 1.1 on they are in its JSON.
sub forget_shared
{
	my ($got, $wanted) = @_;

	for my $name (grep { /^chain / } keys %$got, keys %$wanted) {
		delete $_->{$name}{comment} for grep { $_->{$name} } $got, $wanted;
	}
	for my $name (keys %$got) {
		delete $got->{$name} if $name =~ /^(chain|rule) zone_\d+/ && !$wanted->{$name};
		delete $got->{$name} if $name =~ /^set (icmp|icmpv6|protocols)_[a-z_]+$/ && !$wanted->{$name};
		next if $name !~ /^map zone_of_/;
		my %known = map { $json->encode([$_]) => 1 } @{$wanted->{$name}{elem} // []};
		my @elements = grep { $known{$json->encode([$_])} } @{$got->{$name}{elem} // []};
		delete $got->{$name}{elem};
		$got->{$name}{elem} = \@elements if @elements;
	}
}

sub compare
{
	my ($name, $got, $wanted) = @_;
	my %all = (%$got, %$wanted);
	my @differ = grep {
		!$got->{$_} || !$wanted->{$_} || $json->encode($got->{$_}) ne $json->encode($wanted->{$_})
	} sort keys %all;

	my $count = keys %all;
	print @differ ? "not ok $name: differ: " . join(', ', @differ[0 .. ($#differ > 5 ? 5 : $#differ)]) . "\n" :
		"ok $name: all $count objects are equal\n";
	return if !@differ;
	printf STDERR "# got    %s\n# wanted %s\n", map { $json->encode([$_->{$differ[0]}]) } $got, $wanted;
}

my $folder = shift;
for my $file (sort glob "$folder/*.ours.json $folder/*.from-*.json") {
	my ($name) = $file =~ m{([^/]+)\.json$};
	my ($case) = $name =~ /^(?:\d+\.from-.*-to-)?(.*?)(?:\.ours)?$/;
	my ($got, $wanted) = map { objects($_) } $file, "$folder/$case.nft.json";
	forget_shared($got, $wanted) if $name !~ /\.ours$/;
	compare($name, $got, $wanted);
}
